# One image for API, worker and simulator: docker-compose.yml says which of them a container runs. `portsms` in it is the operators' command.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:22-bookworm-slim
# The Temporal SDK's native core checks certificates against the system's.
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN printf '#!/bin/sh\nexec node /app/dist/cli/main.js "$@"\n' > /usr/local/bin/portsms && chmod +x /usr/local/bin/portsms
RUN mkdir /data && chown node:node /data
USER node
EXPOSE 8080
CMD ["node", "dist/api/main.js"]
