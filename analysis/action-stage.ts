/** Where in its pipeline a LAVA job stood when an action failed. */
export type Stage = 'BEFORE_KERNEL' | 'AFTER_KERNEL';

/** Beginnings of the names of actions that are over before a kernel says anything. */
const BEFORE =
  /^(?:validate|deployimages|[a-z]+-deploy|deploy|download|file-download|http-download|scp-download|prepare|compress|extract|apply-overlay|export-device|connect|reset|power|pdu|hard-reset|soft-reset|bootloader|uboot|u-boot|barebox|grub|ipxe|depthcharge|fastboot|recovery|wait-(?:device|usb|fastboot|dfu)|flash|interrupt)/;
/** Of those that need one. `kernel-messages` and `auto-login-action` end where the kernel or user space is. */
const AFTER =
  /^(?:auto-login|login|kernel-messages|expect-shell|export-environment|lava-test|lava-overlay|test-|lava-docker-test)/;

/** Null where the name tells neither. */
export function stageOf(action: string): Stage | null {
  if (BEFORE.test(action)) return 'BEFORE_KERNEL';
  return AFTER.test(action) ? 'AFTER_KERNEL' : null;
}

/** The words of a kernel that went down. */
const KERNEL_FAULT = /kernel panic|\boops\b|\bBUG:|\bKASAN\b|\bUBSAN\b|unable to handle kernel|internal error: /i;

export function namesKernelFault(text: string): boolean {
  return KERNEL_FAULT.test(text);
}
