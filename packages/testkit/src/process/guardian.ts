/**
 * Owns one shell that outlives this process and cleans up after it, even when it ends by SIGKILL.
 *
 * 1. The shell sits in a session of its own: no Ctrl-C and no signal to our group reaches it.
 * 2. It reads our orders from a pipe. The pipe ends when we end, however we end: then it kills every process
 *    and removes every folder that is still in its keeping.
 * 3. It keeps no test process alive.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { Socket } from 'node:net'

const script = `
while read -r order what; do
  case $order in
    kill) pids="$pids $what" ;;
    spare) left=; for pid in $pids; do [ "$pid" = "$what" ] || left="$left $pid"; done; pids=$left ;;
    remove) set -- "$@" "$what" ;;
    keep) for f do shift; [ "$f" = "$what" ] || set -- "$@" "$f"; done ;;
  esac
done
for pid in $pids; do kill -9 "$pid" 2>/dev/null; done
for folder do rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }; done
`

let shell: ChildProcess | undefined

function order(line: string): void {
  shell ??= startShell()
  shell.stdin?.write(`${line}\n`)
}

function startShell(): ChildProcess {
  const child = spawn('/bin/sh', ['-c', script], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  })
  // Without its shell a test still runs; it only loses its cleaner.
  child.on('error', () => undefined).unref()
  child.stdin.on('error', () => undefined)
  if (child.stdin instanceof Socket) child.stdin.unref()
  return child
}

/** Kills the process if we end before the returned function was called. */
export function guardProcess(pid: number): () => void {
  order(`kill ${pid}`)
  return () => order(`spare ${pid}`)
}

/** The same with the whole process group that it leads. */
export function guardGroup(leader: number): () => void {
  return guardProcess(-leader)
}

/** Removes the folder if we end before the returned function was called. */
export function guardFolder(path: string): () => void {
  order(`remove ${path}`)
  return () => order(`keep ${path}`)
}
