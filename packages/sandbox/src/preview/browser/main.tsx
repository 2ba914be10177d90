import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { goLive } from './live.ts'

const root = document.getElementById('app')
if (root) createRoot(root).render(<App live={goLive()} />)
