/** Writes the wire format of Protocol Buffers: as much of it as the OpenAPI v2 document needs. */
export class ProtobufWriter {
  readonly #pieces: Buffer[] = [];

  text(field: number, value: string | undefined): this {
    return value === undefined || value === '' ? this : this.bytes(field, Buffer.from(value, 'utf8'));
  }

  bytes(field: number, value: Buffer): this {
    this.#pieces.push(varint(field * 8 + 2), varint(value.length), value);
    return this;
  }

  message(field: number, fill: (writer: ProtobufWriter) => void): this {
    const inner = new ProtobufWriter();
    fill(inner);
    return this.bytes(field, inner.finish());
  }

  bool(field: number, value: boolean | undefined): this {
    if (value) this.#pieces.push(varint(field * 8), varint(1));
    return this;
  }

  integer(field: number, value: number | undefined): this {
    if (value !== undefined && value > 0) this.#pieces.push(varint(field * 8), varint(value));
    return this;
  }

  double(field: number, value: number | undefined): this {
    if (value === undefined || value === 0) return this;
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    this.#pieces.push(varint(field * 8 + 1), bytes);
    return this;
  }

  finish(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 128) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
