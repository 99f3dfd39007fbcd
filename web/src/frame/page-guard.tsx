import { Button } from "@fluentui/react-components";
import { type ErrorComponentProps, useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";
import { useIsConnectionLost } from "../api/connection.ts";
import { useMayRun } from "../api/session.ts";
import { useIsSessionEnded } from "../api/session-life.ts";
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

/**
 * A page that has failed, or whose code could not be had: the rest of the center goes on. It is
 * loaded anew, since what failed may be kept as failed, and a newer server has newer code.
 */
export function FailedPage({ error }: ErrorComponentProps) {
  const fault = error instanceof Error ? error : new Error(String(error));
  const isLost = useIsConnectionLost();
  const isEnded = useIsSessionEnded();
  const isKept = useRef(isLost || isEnded);
  useEffect(() => {
    if (isKept.current && !isLost && !isEnded) window.location.reload();
    isKept.current = isLost || isEnded;
  }, [isLost, isEnded]);
  return (
    <>
      <PageHeader title={texts.failed} />
      <FaultNotice fault={fault} onRetry={() => window.location.reload()} />
    </>
  );
}
