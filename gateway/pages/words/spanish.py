"""The words of the pages in Spanish."""

from typing import Any

from quotation.errors import ErrorCode
from quotation.status import Step
from quotation.warning import WarningCode

_WAIT = "No tiene que hacer nada: el sistema lo intenta de nuevo y la cotización se completa sola."
_OPERATOR = (
    "Avise a quien administra el sistema. Cuando esté resuelto, la cotización se puede repetir sin duplicados."
)
_CORRECT = "Corrija el dato y repita la cotización; nada se crea dos veces."

WORDS: dict[str, Any] = {
    "site": "Cotizaciones",
    "skip": "Ir al contenido",
    "quotation": "Cotización",
    "states": {
        "queued": "En cola",
        "processing": "En proceso",
        "retrying": "Esperando a Odoo",
        "completed": "Completada",
        "failed": "No se completó",
        "cancelled": "Cancelada",
    },
    "headlines": {
        "queued": "La cotización está en cola",
        "retrying": "Esperamos a Odoo para continuar",
        "completed": "La cotización está lista",
        "failed": "No fue posible hacer la cotización",
        "cancelled": "La cotización fue cancelada",
    },
    "doing": {
        Step.AUTH: "Revisamos los datos",
        Step.PARTNER: "Registramos al cliente",
        Step.LEAD: "Registramos el lead",
        Step.CONVERT: "Lo convertimos en oportunidad",
        Step.ORDER: "Creamos la cotización",
        Step.LINE: "Agregamos los productos",
        Step.DONE: "Terminamos",
    },
    "steps": {
        Step.AUTH: "Revisión de datos",
        Step.PARTNER: "Cliente",
        Step.LEAD: "Lead",
        Step.CONVERT: "Oportunidad",
        Step.ORDER: "Cotización en Odoo",
        Step.LINE: "Productos",
    },
    "step_states": {
        "done": "hecho",
        "active": "en curso",
        "waiting": "esperando",
        "failed": "falló",
        "stopped": "detenido",
        "pending": "pendiente",
    },
    "steps_title": "Pasos",
    "steps_done": "{done} de {total} pasos",
    "queued": "Empieza en cuanto haya turno.",
    "next_in_queue": "Es la siguiente de la cola; empieza en unos {seconds}.",
    "one_ahead": "Hay una cotización antes; empieza en unos {seconds}.",
    "many_ahead": "Hay {ahead} cotizaciones antes; empieza en unos {seconds}.",
    "seconds": "{count} segundos",
    "minutes": "{count} minutos",
    "processing": "Suele tardar menos de un minuto. Esta página se actualiza sola.",
    "attempt": "Intento {attempt}",
    "attempt_running": "en curso",
    "cancelled": "Lo que ya existía en Odoo se conserva.",
    "what_to_do": "Qué hacer",
    "waiting": {
        ErrorCode.ODOO_AUTH_FAILED: ("Odoo rechazó nuestro acceso.", "Avise a quien administra el sistema."),
        ErrorCode.ODOO_ACCESS_DENIED: (
            "A nuestro usuario le falta un permiso en Odoo.",
            "Avise a quien administra el sistema.",
        ),
        ErrorCode.ODOO_UNAVAILABLE: ("Odoo no responde por ahora.", _WAIT),
    },
    "waiting_otherwise": ("Odoo dio una respuesta inesperada.", _WAIT),
    "failures": {
        ErrorCode.PRODUCT_NOT_FOUND: ("El producto no existe o no está a la venta.", _CORRECT),
        ErrorCode.PRODUCT_AMBIGUOUS: (
            "Hay varios productos que coinciden.",
            "Elija uno de ellos y repita la cotización con su número.",
        ),
        ErrorCode.PRODUCT_NOT_QUOTABLE: (
            "Ese producto no se puede cotizar por este medio.",
            "Elija otro producto y repita la cotización, o hágala en Odoo.",
        ),
        ErrorCode.CURRENCY_MISMATCH: ("Los precios acordados no están en la moneda de la cotización.", _CORRECT),
        ErrorCode.USER_NOT_FOUND: (
            "El vendedor indicado no existe o no está activo.",
            "Repita la cotización con otro vendedor, o sin vendedor para que Odoo asigne uno.",
        ),
        ErrorCode.ODOO_AUTH_FAILED: ("Odoo rechazó nuestro acceso.", _OPERATOR),
        ErrorCode.ODOO_ACCESS_DENIED: ("Odoo no nos permite hacerla.", _OPERATOR),
        ErrorCode.ODOO_REJECTED: ("Odoo rechazó los datos.", _CORRECT),
        ErrorCode.ODOO_UNAVAILABLE: ("Odoo no respondió durante demasiado tiempo.", _OPERATOR),
        ErrorCode.ODOO_UNEXPECTED: ("Odoo dio una respuesta inesperada varias veces.", _OPERATOR),
        ErrorCode.TERMINATED: ("Alguien la detuvo antes de que terminara.", _OPERATOR),
        ErrorCode.TIMED_OUT: ("Tardó más de lo permitido.", _OPERATOR),
    },
    "warnings_title": "Conviene revisar",
    "warnings": {
        WarningCode.FREE_LINE: "Una línea tiene precio cero: es gratuita.",
        WarningCode.PARTNER_NAME_DIFFERS: "El cliente encontrado en Odoo tiene otro nombre.",
        WarningCode.PRICE_INCLUDES_TAX: "Un precio acordado incluye impuestos en Odoo.",
        WarningCode.OTHER_CURRENCY: "Un precio se acordó sin moneda, y la lista de precios usa otra moneda.",
        WarningCode.ALREADY_ASKED: "Se pidió de nuevo en la conversación con otros datos; valen los primeros.",
    },
    "lines_title": "Productos",
    "discount": "{percent} % de descuento",
    "untaxed": "Subtotal",
    "tax": "Impuestos",
    "total": "Total",
    "open_order": "Abrir {name} en Odoo",
    "open_nameless": "Abrir en Odoo",
    "customer": "Cliente",
    "subject": "Asunto",
    "started": "Pedida",
    "finished": "Terminada",
    "elapsed": "Duración",
    "reference": "Seguimiento",
    "link_until": "Este enlace es personal y vence el {day}.",
    "home": {
        "title": "Cotizaciones en Odoo",
        "purpose": "Este servicio crea cotizaciones en Odoo, cada una exactamente una vez, para agentes de voz,"
        " asistentes y programas.",
        "looking": "Para ver una cotización, abra el enlace que recibió con ella.",
        "addresses": "Direcciones para programas",
        "key": "con clave",
        "how_to_send": "La clave se envía en cada llamada:",
        "names": {
            "board": "Tablero para operadores",
            "documentation": "Documentación",
            "rest": "REST",
            "openapi": "Descripción OpenAPI",
            "mcp": "MCP (Streamable HTTP)",
            "sse": "MCP (SSE)",
            "alive": "Salud del proceso",
            "ready": "Disponibilidad",
            "metrics": "Métricas",
        },
    },
    "refusals": {
        "forged": ("Este enlace no es válido", "Revise que la dirección esté completa, o pida un enlace nuevo."),
        "expired": ("Este enlace ya venció", "Pida un enlace nuevo a quien se lo envió."),
        "unknown": ("Esta cotización ya no está", "Ya no se conserva su historial. Si se completó, está en Odoo."),
        "away": ("No se puede mostrar por ahora", "La página lo intenta de nuevo en unos segundos."),
        "full": ("Hay demasiadas visitas a esta página", "Intente de nuevo en unos minutos."),
    },
}
"""Words and sentences; a pair is what happened and what to do."""
