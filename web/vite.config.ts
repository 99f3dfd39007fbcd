import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The server sends no inline script and takes none: everything is a file of our own. */
export default defineConfig({
  base: "/admin/",
  plugins: [react()],
  build: {
    target: "es2023",
    outDir: "dist",
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    sourcemap: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
  },
});
