const minutes = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const seconds = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const millis = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
})
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'long', timeStyle: 'medium' })

/** Times of day where the reader is, from Unix ms. */
export const clockText = {
  minutes: (at: number): string => minutes.format(at),
  seconds: (at: number): string => seconds.format(at),
  millis: (at: number): string => millis.format(at),
  whole: (at: number): string => whole.format(at),
} as const
