namespace SlimtaFast.Events.Webhooks;

/// <summary>What became of a request. Immutable.</summary>
/// <param name="Problem">Why the events were not taken; null where they were.</param>
/// <param name="IsForGood">True where these events would be refused each time.</param>
/// <param name="NeedsSomebody">True where any events would be refused until somebody has put something right, such as the URL or the token.</param>
internal readonly record struct WebhookAnswer(string? Problem, bool IsForGood = false, bool NeedsSomebody = false);
