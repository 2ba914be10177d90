import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { benchTable, type MeasuredPart } from './bench-table.ts'
import { type PartName, parts } from './parts.ts'
import { lateAfterMs } from './told.ts'

/** Each part as it was last measured in full. */
export type LastRun = Readonly<Partial<Record<PartName, MeasuredPart>>>

const file = join(import.meta.dirname, 'last-run.json')

/** What people read. */
export const documentFile: string = join(import.meta.dirname, 'README.md')

export function readLastRun(): LastRun {
  return JSON.parse(readFileSync(file, 'utf8')) as LastRun
}

export function publish(last: LastRun): void {
  writeFileSync(file, `${JSON.stringify(last, undefined, 2)}\n`)
  writeFileSync(documentFile, benchDocument(last))
}

export function benchDocument(last: LastRun): string {
  const measured = partsInOrder(last)
  return `# How fast, how heavy, how right

Written by \`npm run bench\`: the services as their images ship them (bundles, Node's flags), a real nats-server that
flushes every write, a real control plane with a scripted kubelet, Slack's stand-in. All of it shares the machine, the
API server and the benchmark itself included. Two numbers are p50 / p95. *Lost*, *doubled*, *wrong*, *late*: what the
[oracle](../oracle) finds, which compares the API server's own history with what stands in Slack and imports nothing
of the services. An end is late when Slack has it more than ${lateAfterMs / 1_000} s after the API server showed it.

The last three columns were measured beforehand, on 2026-11-22, one run each, on two cores that other work shared: the
same API server, controllers and kubelet, the same Slack over TLS. They are single processes without a broker.

${benchTable(measured.map(([, part]) => part))}

| part | \`npm run bench -- PART\` | last measured |
| --- | --- | --- |
${measured.map(([name, { measured: when }]) => `| ${parts[name].about} | \`${name}\` | ${when} |`).join('\n')}

\`--small\` measures with a tenth and writes nothing here. \`--peer NAME=COMMAND\` puts another program that talks to
Slack beside ours, in a column of its own, under the same oracle. It is given \`KUBECONFIG\`, \`SLACK_TOKEN\`,
\`SLACK_API_URL\`, \`SLACK_CHANNEL\` (one channel for all) and, in \`NAMESPACES\`, the namespaces that matter; each of them
names a channel of its own in the annotation \`hermod.uswitch.com/slack\`.
`
}

function partsInOrder(last: LastRun): readonly (readonly [PartName, MeasuredPart])[] {
  return (Object.keys(parts) as PartName[]).flatMap((name) => {
    const part = last[name]
    return part ? [[name, part] as const] : []
  })
}
