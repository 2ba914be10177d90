/**
 * Flags as Go's flag package and GNU both write them: `-name value`, `-name=value`, `--name value`,
 * `--name=value`, a boolean one `--name` or `--name=false`. The last of a name counts; '--' ends them.
 * A flag of `names` that lacks its value is undefined; any other flag is left out.
 */
export function readFlags(
  argv: readonly string[],
  names: ReadonlyMap<string, 'valued' | 'boolean'>,
): ReadonlyMap<string, string | undefined> {
  const found = new Map<string, string | undefined>()
  for (let at = 0; at < argv.length && argv[at] !== '--'; at++) {
    const [, name = '', value] = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(argv[at] ?? '') ?? []
    const kind = names.get(name)
    if (kind === undefined) continue
    if (value !== undefined) found.set(name, value)
    else if (kind === 'boolean') found.set(name, 'true')
    else if (isFlag(argv[at + 1])) found.set(name, undefined)
    else found.set(name, argv[++at])
  }
  return found
}

// Go would take `--level` as the value of `--kubeconfig --level debug`; nobody means that.
function isFlag(text: string | undefined): boolean {
  return text === undefined || /^--?[^-\d]/.test(text)
}
