import { useState } from 'preact/hooks';
import { announce } from '../state/announce.ts';
import { Icon } from './icon.tsx';
import { ScrollBox } from './scroll-box.tsx';

/** Text to take away. */
export function CopyBlock({ title, text, wrap = false }: { title: string; text: string; wrap?: boolean }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await writeClipboard(text);
    setCopied(true);
    announce(`${title} copied`);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <div class="copy-block">
      <div class="copy-block-head">
        <span>{title}</span>
        <button type="button" class="button quiet" onClick={() => void copy()} aria-label={`Copy ${title}`}>
          <Icon name={copied ? 'check' : 'copy'} />
          {copied ? 'Copied' : 'Copy'}
        </button>
      </div>
      <ScrollBox label={title}>
        <pre class={wrap ? 'wrap' : ''}>{text}</pre>
      </ScrollBox>
    </div>
  );
}

/** The clipboard API is missing on plain http, where Neap often is. */
async function writeClipboard(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
