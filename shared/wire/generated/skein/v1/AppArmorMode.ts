// Original file: proto/specs.proto

export const AppArmorMode = {
  APP_ARMOR_MODE_UNSPECIFIED: 'APP_ARMOR_MODE_UNSPECIFIED',
  APP_ARMOR_MODE_DEFAULT: 'APP_ARMOR_MODE_DEFAULT',
  APP_ARMOR_MODE_DISABLED: 'APP_ARMOR_MODE_DISABLED',
} as const;

export type AppArmorMode =
  | 'APP_ARMOR_MODE_UNSPECIFIED'
  | 0
  | 'APP_ARMOR_MODE_DEFAULT'
  | 1
  | 'APP_ARMOR_MODE_DISABLED'
  | 2

export type AppArmorMode__Output = typeof AppArmorMode[keyof typeof AppArmorMode]
