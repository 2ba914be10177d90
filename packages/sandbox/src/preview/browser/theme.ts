import { useEffect, useState } from 'react'

export type Theme = 'light' | 'dark'

const key = 'hermod-theme'
const dark = matchMedia('(prefers-color-scheme: dark)')

/** What was chosen here before, else what the system prefers; and how to choose the other one. */
export function useTheme(): readonly [Theme, () => void] {
  const [chosen, setChosen] = useState(localStorage.getItem(key))
  const [isDark, setDark] = useState(dark.matches)
  const theme: Theme = chosen === 'light' || chosen === 'dark' ? chosen : isDark ? 'dark' : 'light'
  useEffect(() => {
    const follow = (): void => setDark(dark.matches)
    dark.addEventListener('change', follow)
    return () => dark.removeEventListener('change', follow)
  }, [])
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme
  }, [theme])
  const change = (): void => {
    const next = theme === 'dark' ? 'light' : 'dark'
    localStorage.setItem(key, next)
    setChosen(next)
  }
  return [theme, change]
}
