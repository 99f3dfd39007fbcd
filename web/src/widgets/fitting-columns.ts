import { useEffect, useState } from "react";

/** The columns that there is room for. */
export function useFittingColumns<Column extends { readonly priority?: 1 | 2 | 3 }>(
  columns: readonly Column[],
): readonly Column[] {
  const [width, setWidth] = useState(window.innerWidth);
  useEffect(() => {
    const measure = () => setWidth(window.innerWidth);
    window.addEventListener("resize", measure);
    return () => window.removeEventListener("resize", measure);
  }, []);
  const most = width < 640 ? 1 : width < 1024 ? 2 : 3;
  return columns.filter(({ priority = 2 }) => priority <= most);
}
