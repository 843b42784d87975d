namespace SlimtaFast.Mail;

/// <summary>The three states of a recipient in the queue. The numbers are part of the envelope format.</summary>
public enum RecipientPhase : byte
{
    /// <summary>Still to be delivered.</summary>
    Open = 0,

    /// <summary>The next hop took responsibility.</summary>
    Delivered = 1,

    /// <summary>Given up; its bounce, where one was due, is in the queue.</summary>
    Failed = 2,
}
