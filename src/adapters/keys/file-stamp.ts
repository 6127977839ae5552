import { statSync } from 'node:fs';

/** Differs whenever the file was replaced, changed, or given another mode or owner. */
export function fileStamp(file: string): string {
  try {
    const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
    if (stat === undefined) return 'absent';
    return `${String(stat.ino)}/${String(stat.ctimeNs)}/${String(stat.size)}`;
  } catch {
    return 'out of reach';
  }
}
