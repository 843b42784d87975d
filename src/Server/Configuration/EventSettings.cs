using SlimtaFast.Events;

namespace SlimtaFast.Server.Configuration;

/// <summary>Where it is told what becomes of mail. Immutable.</summary>
/// <param name="File">The file that events are written to, or null.</param>
/// <param name="Webhook">The URL that they are posted to, or null.</param>
internal sealed record EventSettings(EventFileOptions? File, EventWebhookOptions? Webhook);
