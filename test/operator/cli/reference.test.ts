import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { referencePages } from '../../../docs/reference-pages.ts';
import { renderDocument, toDocument } from '../../../operator/cli/output/document.ts';
import { analysisFixture } from './analysis-fixture.ts';

const folder = new URL('../../../docs/reference/', import.meta.url);

describe('docs/reference', () => {
  it.each([...referencePages()])('%s is what `npm run docs` would write', (name, text) => {
    const file = new URL(name, folder);
    expect(existsSync(file) ? readFileSync(file, 'utf8') : '', `run npm run docs to renew docs/reference/${name}`).toBe(text);
  });

  it('names every option of every command', () => {
    const page = referencePages().get('cli.md') ?? '';
    for (const flag of ['--prometheus <url>', '--traces <files...>', '--fail-on <rule>', '--price-book <file>', '--refresh <duration>'])
      expect(page).toContain(flag);
  });

  it('has no page that nobody writes', () => {
    const own = readdirSync(folder).filter((name) => /^(cli|policy|price-book)\.md$|\.schema\.json$/.test(name));
    expect(own.sort()).toEqual([...referencePages().keys()].sort());
  });

  it('describes what is printed: a reader with the JSON schema alone takes the output, and nothing else', () => {
    const schema = z.fromJSONSchema(JSON.parse(readFileSync(new URL('analysis.schema.json', folder), 'utf8')));
    const printed = JSON.parse(renderDocument(toDocument(analysisFixture(), undefined), 'json')) as Record<string, unknown>;
    expect(schema.safeParse(printed).error).toBeUndefined();
    expect(schema.safeParse({ ...printed, schema: 'neap.dev/analysis/v2' }).success).toBe(false);
    expect(schema.safeParse({ ...printed, more: 1 }).success).toBe(false);
  });
});
