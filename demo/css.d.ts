import "react";

declare module "react" {
  interface CSSProperties {
    "--depth"?: number;
    "--color"?: string | undefined;
  }
}
