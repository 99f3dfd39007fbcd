import type { ReactNode } from "react";
import { DetailPanel } from "./detail-panel.tsx";
import { EmptyState } from "./empty-state.tsx";
import { usePageState } from "./page-state.ts";
import { texts } from "./texts.ts";

/** In place of a detail: the address names something that is not there, or no longer. */
export function missingPanel(name: string | undefined): ReactNode {
  return name === undefined ? undefined : <MissingPanel name={name} />;
}

function MissingPanel({ name }: { readonly name: string }) {
  const [, setState] = usePageState();
  return (
    <DetailPanel title={name} onClose={() => setState({ open: undefined, mode: undefined })}>
      <EmptyState title={texts.notFoundTitle}>{texts.notFoundHint}</EmptyState>
    </DetailPanel>
  );
}
