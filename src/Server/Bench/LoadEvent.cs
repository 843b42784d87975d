namespace SlimtaFast.Server.Bench;

/// <summary>What a reply means for a load connection.</summary>
internal enum LoadEvent
{
    /// <summary>More replies of the same group are to come.</summary>
    Wait,

    /// <summary><see cref="LoadDialogue.Outgoing"/> is to be sent.</summary>
    Send,

    /// <summary>The hello is done: a message may begin.</summary>
    Ready,

    /// <summary>The message was taken: another may begin.</summary>
    Accepted,

    /// <summary>The message was refused: another may begin.</summary>
    Refused,

    /// <summary>The session is over: the server said so, or answered QUIT.</summary>
    Closed,
}
