namespace SlimtaFast.Admin.Api;

/// <summary>The message that has been in the queue for longest.</summary>
/// <param name="Id">The message.</param>
/// <param name="Seconds">For how long, as its id tells.</param>
internal sealed record OldestMessage(string Id, double Seconds);
