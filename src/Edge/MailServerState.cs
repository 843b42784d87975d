namespace SlimtaFast.Edge;

/// <summary>How far a <see cref="MailServer"/> is.</summary>
public enum MailServerState
{
    /// <summary>It was not started.</summary>
    New,

    /// <summary>It opens its storage and its listeners, or could not.</summary>
    Starting,

    /// <summary>It takes mail and delivers it.</summary>
    Running,

    /// <summary>It takes no more mail and comes to its end.</summary>
    Stopping,
}
