// The components in their current version.

export * from 'components-current'
