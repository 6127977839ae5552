import { SECTIONS } from '../../src/config/variables.ts';

const HEAD = `# Copy to .env and fill in what is empty; an empty value means unset.
# Every secret may be given as NAME_FILE instead, naming a file that holds it.
# The same names are flags of \`npm start -- --data-dir ./data\`; a flag wins.
`;

/** `.env.example` as the table of variables wants it: one comment line and the default for each. */
export function renderEnvExample(): string {
  const sections = SECTIONS.map(({ title, variables }) => {
    const lines = Object.entries(variables).map(
      ([name, { about, aliases = [], fallback = '' }]) => {
        const also = aliases.length === 0 ? '' : ` (also ${aliases.join(', ')})`;
        return `# ${about}${also}\n${name}=${fallback}\n`;
      },
    );
    return `# --- ${title} ---\n\n${lines.join('\n')}`;
  });
  return [HEAD, ...sections].join('\n');
}
