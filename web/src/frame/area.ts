import type { FluentIcon } from "@fluentui/react-icons";
import type { ComponentType } from "react";
import type { CmdletName } from "../api/run-cmdlet.ts";

/** A page of the admin center: route, entry of the navigation and of the palette come from it. */
export interface Page {
  /** Behind `/admin`: `/queues`, `/queues/$queue`. */
  readonly path: string;
  readonly title: string;
  /** Further words by which the palette finds it. */
  readonly words?: string;
  /** Cmdlets without which it has nothing to show: who may not run them does not see it. */
  readonly needs: readonly CmdletName[];
  /** The code of the page, loaded when it is first opened. */
  readonly load: () => Promise<ComponentType>;
  /** Not in the navigation: reached from other pages, and from the palette if it has words. */
  readonly isHidden?: true;
}

/** An area of the navigation. */
export interface Area {
  readonly title: string;
  readonly icon: FluentIcon;
  /** A single page is the area itself. */
  readonly pages: readonly Page[];
}
