namespace SlimtaFast.Admin.Api;

/// <summary>A page of a list. It may be short or empty and have another behind it: only <see cref="Next"/> tells.</summary>
/// <param name="Messages">The messages.</param>
/// <param name="Next">The cursor of the next page; left out at the end.</param>
/// <param name="OnlyThisProcess">True where processes share the storage, and these are the messages that this one holds.</param>
internal sealed record MessagePage(MessageSummary[] Messages, string? Next, bool OnlyThisProcess);
