namespace SlimtaFast.MailAuth;

/// <summary>The answer to an <see cref="SpfRequest"/>. Immutable; texts are printable ASCII.</summary>
public sealed record SpfFinding
{
    /// <summary>The request that it answers.</summary>
    public required SpfRequest Request { get; init; }

    /// <summary>The result (RFC 7208 section 2.6).</summary>
    public required MailAuthResult Result { get; init; }

    /// <summary>The domain that was looked up: in lower case and A-labels, or as it was written where it has no such form.</summary>
    public required string Domain { get; init; }

    /// <summary>The term that decided, such as <c>ip4:192.0.2.0/24</c>, or null where none did.</summary>
    public string? Mechanism { get; init; }

    /// <summary>Why it is <see cref="MailAuthResult.PermError"/>, <see cref="MailAuthResult.TempError"/> or <see cref="MailAuthResult.None"/>; null otherwise.</summary>
    public string? Problem { get; init; }

    /// <summary>What the domain says about its <see cref="MailAuthResult.Fail"/> (RFC 7208 section 6.2), not longer than 500 characters; null for nothing.</summary>
    public string? Explanation { get; init; }

    /// <summary>Terms that asked the DNS (RFC 7208 section 4.6.4).</summary>
    public int Lookups { get; init; }

    /// <summary>Until when the answer holds, by the evaluator's clock: the shortest life of all that it rests on.</summary>
    public DateTimeOffset Until { get; init; }

    /// <summary>One sentence for people: the domain's explanation where it gave one, else what was found.</summary>
    public string Reason
    {
        get
        {
            string domain = PrintableText.Make(Domain, 255);
            return Explanation ?? Result switch
            {
                MailAuthResult.Pass => $"{domain} designates {Request.Client} as permitted sender",
                MailAuthResult.Fail => $"{domain} does not designate {Request.Client} as permitted sender",
                MailAuthResult.SoftFail => $"{domain} discourages use of {Request.Client} as permitted sender",
                MailAuthResult.Neutral => $"{domain} neither permits nor denies {Request.Client}",
                MailAuthResult.None => $"{domain} says nothing about its senders",
                MailAuthResult.TempError => $"the policy of {domain} cannot be looked up now: {Problem}",
                _ => $"the policy of {domain} is in error: {Problem}",
            };
        }
    }
}
