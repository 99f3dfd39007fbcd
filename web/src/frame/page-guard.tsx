import { Button } from "@fluentui/react-components";
import { type ErrorComponentProps, useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMayRun } from "../api/session.ts";
import { EmptyState } from "../widgets/empty-state.tsx";
import { FaultNotice } from "../widgets/fault-notice.tsx";
import { PageHeader } from "../widgets/page-header.tsx";
import type { Page } from "./area.ts";
import { texts } from "./texts.ts";

/** A page, or why the administrator does not see it. */
export function PageGuard(props: { readonly page: Page; readonly children: ReactNode }) {
  const { page, children } = props;
  const mayRun = useMayRun();
  if (mayRun(...page.needs)) return children;
  return (
    <>
      <PageHeader title={page.title} />
      <EmptyState title={texts.forbiddenTitle}>
        {texts.forbiddenHint(page.needs.join(", "))}
      </EmptyState>
    </>
  );
}

/** An address that leads nowhere. */
export function NoSuchPage() {
  const navigate = useNavigate();
  return (
    <>
      <PageHeader title={texts.notFoundTitle} about={texts.notFoundHint} />
      <div>
        <Button onClick={() => void navigate({ to: "/" })}>{texts.home}</Button>
      </div>
    </>
  );
}

/** A page whose code has failed: the rest of the center goes on. */
export function FailedPage({ error, reset }: ErrorComponentProps) {
  const fault = error instanceof Error ? error : new Error(String(error));
  return (
    <>
      <PageHeader title={texts.failed} />
      <FaultNotice fault={fault} onRetry={reset} />
    </>
  );
}
