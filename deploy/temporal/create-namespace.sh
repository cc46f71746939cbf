#!/bin/sh
# Makes the namespace TEMPORAL_NAMESPACE, unless it is there; closed quotations are kept in it for RETENTION.
set -eu

tries=0
until temporal operator cluster health; do
    tries=$((tries + 1))
    # its port is open some seconds before it serves
    [ "$tries" -lt 30 ] || exit 1
    sleep 2
done

temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
