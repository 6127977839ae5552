/**
 * Finds the text of every variable (flag, environment, file, fallback), checks it, and takes the
 * secrets out of the environment.
 */
import { err, ok, type Result } from '../base/result.ts';
import { SUPERSEDED } from './unsupported.ts';
import { type Values, type Variable, type VariableName, VARIABLES } from './variables.ts';

/** As `process.env` is: what is read as a secret is deleted from it. */
export type Environment = Record<string, string | undefined>;

export interface Problem {
  /** The variable or flag as the operator wrote it. */
  readonly name: string;
  /** The rule it breaks and what to do, never its value. */
  readonly message: string;
}

/** Worth saying once at start, though nothing is wrong enough to stop. */
export interface Notice {
  readonly level: 'info' | 'warn';
  readonly message: string;
}

/** What was given on the command line, by variable name. */
export type Flags = ReadonlyMap<string, string>;

export interface Inputs {
  readonly env: Environment;
  readonly flags: Flags;
  /** Text of a file; throws where it cannot be read. */
  readonly readFile: (path: string) => string;
}

export interface Readings {
  readonly values: Values;
  readonly notices: readonly Notice[];
}

/** Reads every variable, so that the operator sees all problems at once. */
export function readVariables(inputs: Inputs): Result<Readings, readonly Problem[]> {
  const problems: Problem[] = [];
  const notices = [...noticesAbout(inputs.env), ...secretsOnCommandLine(inputs.flags)];
  const values: Partial<Record<VariableName, unknown>> = {};
  for (const name of VARIABLE_NAMES) {
    const value = readVariable(name, VARIABLES[name], inputs);
    if (value.ok) values[name] = value.value;
    else problems.push(value.error);
  }
  forgetSecrets(inputs.env);
  if (problems.length > 0) return err(problems);
  // SAFETY: without a problem every name holds what its own schema returned, or is optional and unset.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  return ok({ values: values as Values, notices });
}

// SAFETY: the table has no other keys than its own names.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
const VARIABLE_NAMES = Object.keys(VARIABLES) as readonly VariableName[];

function readVariable(name: string, variable: Variable, inputs: Inputs): Result<unknown, Problem> {
  const source = chosen(name, variable, inputs);
  if (!source.ok) return source;
  const text = source.value?.text ?? variable.fallback;
  if (text === undefined) return ok(undefined);
  const parsed = variable.schema.safeParse(text);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  return err({ name: source.value?.name ?? name, message: issue?.message ?? 'is not usable' });
}

/** One place where a value was found. */
interface Source {
  readonly name: string;
  readonly text: string;
}

/** A flag wins; otherwise all names that are set must agree. */
function chosen(
  name: string,
  variable: Variable,
  inputs: Inputs,
): Result<Source | undefined, Problem> {
  const flag = inputs.flags.get(name);
  if (flag !== undefined) return ok({ name, text: flag });

  const sources: Source[] = [];
  for (const candidate of [name, ...(variable.aliases ?? [])]) {
    const text = textOf(inputs.env, candidate);
    if (text !== undefined) sources.push({ name: candidate, text });
  }
  const file = variable.secret === true ? textOf(inputs.env, fileVariantOf(name)) : undefined;
  if (file !== undefined) {
    const read = readSecretFile(fileVariantOf(name), file, inputs);
    if (!read.ok) return read;
    sources.push(read.value);
  }
  const [first] = sources;
  const other = sources.find(({ text }) => text !== first?.text);
  if (first === undefined || other === undefined) return ok(first);
  return err({ name: first.name, message: `contradicts \`${other.name}\`; keep one of them` });
}

function readSecretFile(name: string, file: string, inputs: Inputs): Result<Source, Problem> {
  try {
    const text = inputs.readFile(file).replace(/\r?\n$/, '');
    return text === ''
      ? err({ name, message: 'names an empty file; write the secret into it' })
      : ok({ name, text });
  } catch {
    return err({ name, message: 'names a file that cannot be read; check its path and mode' });
  }
}

/** The variable that names a file with a secret instead of holding it. */
function fileVariantOf(secret: string): string {
  return `${secret}_FILE`;
}

/** An empty text means unset, as in a copied `.env.example`. */
function textOf(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}

function noticesAbout(env: Environment): readonly Notice[] {
  const set = Object.keys(env).filter((name) => textOf(env, name) !== undefined);
  const superseded = set.flatMap((name): readonly Notice[] => {
    const message = SUPERSEDED[name];
    return message === undefined ? [] : [{ level: 'info', message: `\`${name}\` ${message}` }];
  });
  const unknown = set.filter((name) => OWN_NAME.test(name) && !KNOWN_NAMES.has(name));
  const misspelt: readonly Notice[] = unknown.map((name) => ({
    level: 'warn',
    message: `\`${name}\` is not a setting of this daemon; see \`.env.example\``,
  }));
  return [...superseded, ...misspelt];
}

/** Names that nobody else gives to a variable. */
const OWN_NAME = /^(?:LIGHTSPARK|LIGHTER|ETH|BLS|CALLBACK)_/;

const KNOWN_NAMES = new Set(
  Object.entries<Variable>(VARIABLES).flatMap(([name, variable]) => [
    name,
    ...(variable.secret === true ? [fileVariantOf(name)] : []),
    ...(variable.aliases ?? []),
  ]),
);

function secretsOnCommandLine(flags: Flags): readonly Notice[] {
  const secrets = VARIABLE_NAMES.filter(
    (name) => VARIABLES[name].secret === true && flags.has(name),
  );
  return secrets.map((name) => ({
    level: 'warn',
    message: `\`${name}\` was given on the command line, where other users can read it; use \`${fileVariantOf(name)}\``,
  }));
}

/** Child processes, crash reports and `/proc` should not find them there later. */
function forgetSecrets(env: Environment): void {
  for (const [name, variable] of Object.entries<Variable>(VARIABLES)) {
    if (variable.secret !== true) continue;
    for (const source of [name, ...(variable.aliases ?? [])]) Reflect.deleteProperty(env, source);
  }
}
