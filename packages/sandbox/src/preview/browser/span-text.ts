/** `40 s`, `2 m 5 s`, `1 h 3 m`; a dash for none. */
export function spanText(ms: number): string {
  if (!Number.isFinite(ms)) return '–'
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} m ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} m`
}
