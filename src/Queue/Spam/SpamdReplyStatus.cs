namespace SlimtaFast.Queue.Spam;

/// <summary>What reading a reply of spamd came to.</summary>
internal enum SpamdReplyStatus
{
    /// <summary>It is not complete.</summary>
    NeedMore,

    /// <summary>There is a verdict.</summary>
    Done,

    /// <summary>It is none, or none that can be used.</summary>
    Bad,
}
