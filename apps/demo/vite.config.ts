import { defineConfig } from 'vite'

export default defineConfig({
  root: 'src/page',
  build: {
    outDir: '../../dist/page',
    emptyOutDir: true,
    // The policy of the page lets nothing in that is not a file of its own.
    assetsInlineLimit: 0,
  },
})
