const forms: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
  date_num: { year: 'numeric', month: '2-digit', day: '2-digit' },
  date: { year: 'numeric', month: 'long', day: 'numeric' },
  date_short: { year: 'numeric', month: 'short', day: 'numeric' },
  date_long: { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' },
  time: { hour: 'numeric', minute: '2-digit' },
  time_secs: { hour: 'numeric', minute: '2-digit', second: '2-digit' },
}

export interface Place {
  readonly locale?: string
  readonly timeZone?: string
}

/** A date token as Slack fills it in where the reader is; the fallback for one that Slack does not know. */
export function slackDate(timestamp: string, format: string, fallback: string, place: Place = {}): string {
  const date = new Date(Number(timestamp) * 1000)
  if (Number.isNaN(date.getTime())) return fallback
  let isKnown = true
  const text = format.replaceAll(/\{(\w+)\}/g, (_, token: string) => {
    const form = forms[token.replace(/_pretty$/, '')]
    if (!form) isKnown = false
    const zone = place.timeZone === undefined ? {} : { timeZone: place.timeZone }
    return new Intl.DateTimeFormat(place.locale, { ...form, ...zone }).format(date)
  })
  return isKnown ? text : fallback
}
