#!/bin/sh
# Makes the TypeScript types of proto/*.proto in shared/wire/generated. With --check it makes them in a
# temporary folder instead and fails when the committed ones (or those of the folder that follows) differ.
# Run it from the project's root (`npm run generate`, `npm run generate:check`).
set -eu

out=${2:-shared/wire/generated}

generate() {
  # The options must say the same as the loader's in shared/wire/schema.ts.
  PATH="$PWD/node_modules/.bin:$PATH" proto-loader-gen-types \
    --longs=Number --enums=String --defaults --oneofs \
    --grpcLib=@grpc/grpc-js --importFileExtension=.ts \
    --includeDirs="$PWD/proto" --outDir="$1" $(cd proto && ls ./*.proto | sed 's|^\./||')
  # The generator names each source by the path it was found at, which differs between machines.
  find "$1" -name '*.ts' -exec sed -i 's|^// Original file: .*/|// Original file: proto/|' {} +
  # What a file without services imports and declares in vain does not compile under our strict flags.
  for file in "$1"/*.ts; do
    if ! grep -q 'typeof grpc.Client' "$file"; then
      sed -i -e '/^import type \* as grpc/d' -e '/^type SubtypeConstructor/,/^};/d' "$file"
    fi
  done
}

if [ "${1:-}" = --check ]; then
  temporary=$(mktemp -d)
  trap 'rm -rf "$temporary"' EXIT
  generate "$temporary"
  if ! diff -r "$out" "$temporary"; then
    echo "$out is not what proto/ says: run 'npm run generate' and commit the result" >&2
    exit 1
  fi
else
  rm -rf "$out"
  generate "$out"
fi
