import {
  Button,
  Toast,
  ToastBody,
  Toaster,
  ToastFooter,
  ToastTitle,
  useToastController,
} from "@fluentui/react-components";
import { useCallback, useEffect, useRef } from "react";
import { refreshCmdlets } from "../api/cmdlet-query.ts";
import { type AnyCall, runAny } from "../api/run-cmdlet.ts";
import { visibleText } from "../base/visible-text.ts";
import { texts } from "./texts.ts";

const TOASTER = "postrider";

/** A notice is at the end of the page: by keyboard, few get there before it goes. */
const KEYS = { focus: ({ ctrlKey, key }: KeyboardEvent) => ctrlKey && key.toLowerCase() === "m" };

/** The tab key goes to what a notice offers, not to notices. */
const ROOT = { tabIndex: -1 };

/**
 * The tab key would not get out of a notice again, which stays as long as it has the focus: it is
 * no trap any more without the attribute that makes it one.
 */
function OpenToTab() {
  const place = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    for (const trap of ["[role=listitem]", "[data-toaster-position]"]) {
      place.current?.closest(trap)?.removeAttribute("data-tabster");
    }
  }, []);
  return <span ref={place} />;
}

/** Where notices appear; once per page. */
export function Notices() {
  return <Toaster toasterId={TOASTER} position="bottom-end" shortcuts={KEYS} />;
}

/** Something that was done, and what undoes it. */
export interface Notice {
  readonly title: string;
  readonly body?: string;
  readonly intent?: "success" | "error" | "info" | "warning";
  readonly undo?: AnyCall;
}

/** Tells what was done, for some seconds. */
export function useNotify(): (notice: Notice) => void {
  const { dispatchToast, dismissToast } = useToastController(TOASTER);
  return useCallback(
    ({ title, body, intent = "success", undo }: Notice) => {
      const toastId = `notice-${title}-${Math.round(performance.now())}`;
      const revert = async () => {
        dismissToast(toastId);
        if (undo === undefined) return;
        try {
          await runAny(undo);
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          dispatchToast(
            <Toast>
              <ToastTitle>
                <OpenToTab />
                {visibleText(reason)}
              </ToastTitle>
            </Toast>,
            { intent: "error", data: { root: ROOT } },
          );
        }
        await refreshCmdlets();
      };
      dispatchToast(
        <Toast>
          <ToastTitle>
            <OpenToTab />
            {visibleText(title)}
          </ToastTitle>
          {body !== undefined && <ToastBody>{visibleText(body)}</ToastBody>}
          {undo && (
            <ToastFooter>
              <Button size="small" title={texts.undoKeys} onClick={() => void revert()}>
                {texts.undo}
              </Button>
            </ToastFooter>
          )}
        </Toast>,
        { intent, toastId, data: { root: ROOT }, timeout: undo ? 10_000 : 5_000 },
      );
    },
    [dispatchToast, dismissToast],
  );
}
