namespace SlimtaFast.Queue;

/// <summary>
/// The simple policies that come with the queue. Others are classes of their own: <see cref="ForwardPolicy"/>, <see cref="AliasPolicy"/>,
/// <see cref="LookupPolicy"/>, <see cref="SpamAssassinPolicy"/>.
/// </summary>
public static class QueuePolicies
{
    /// <summary>Adds a Date field where there is none.</summary>
    public static IQueuePolicy AddDate { get; } = new Policies.AddDateHeader();

    /// <summary>Makes a part for each recipient.</summary>
    public static IQueuePolicy SplitByRecipient { get; } = new Policies.RecipientSplit();

    /// <summary>Makes a part for each recipient domain, for policies behind it: the queue does so in any case.</summary>
    public static IQueuePolicy SplitByDomain { get; } = new Policies.RecipientDomainSplit();

    /// <summary>Adds a Message-ID field where there is none.</summary>
    /// <param name="hostName">This server's name.</param>
    public static IQueuePolicy AddMessageId(string hostName) => new Policies.AddMessageIdHeader(hostName);

    /// <summary>Adds a Received field in front.</summary>
    /// <param name="hostName">This server's name, for messages whose client facts have none.</param>
    public static IQueuePolicy AddReceived(string hostName) => new Policies.AddReceivedHeader(hostName);

    /// <summary>What a mail server does to every message: Date, Message-ID and Received, in this order.</summary>
    /// <param name="hostName">This server's name.</param>
    public static IReadOnlyList<IQueuePolicy> Standard(string hostName) => [AddDate, AddMessageId(hostName), AddReceived(hostName)];

    /// <summary>Adds a header field in front.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">
    /// Its value in ASCII; <c>{id}</c>, <c>{sender}</c>, <c>{recipient}</c> (empty for more than one), <c>{client}</c>, <c>{client-name}</c>,
    /// <c>{hello}</c>, <c>{user}</c>, <c>{protocol}</c>, <c>{server}</c> and <c>{date}</c> are filled in.
    /// </param>
    /// <param name="onlyIfMissing">True to add it only where the message came without such a field.</param>
    /// <exception cref="FormatException">Name or value cannot be.</exception>
    public static IQueuePolicy AddHeader(string name, string value, bool onlyIfMissing = false) => new Policies.AddHeader(name, value, onlyIfMissing);

    /// <summary>Removes received fields; all others keep every octet.</summary>
    /// <param name="names">Names in any case of letters; <c>*</c> stands for any text, as in <c>X-Spam-*</c>.</param>
    /// <exception cref="FormatException">One is no name.</exception>
    public static IQueuePolicy RemoveHeaders(params IEnumerable<string> names) => new Policies.RemoveHeaders(names);

    /// <summary>Replaces what a regular expression finds in the unfolded values of received fields; others keep every octet.</summary>
    /// <param name="names">Names in any case of letters; <c>*</c> stands for any text.</param>
    /// <param name="pattern">The expression, without lookaround and back references. Matching is given up after 250 ms, with 451.</param>
    /// <param name="replacement">What takes the place of each finding; <c>$1</c> is the first group.</param>
    /// <param name="ignoreCase">Whether the case of letters makes no difference.</param>
    /// <exception cref="FormatException">A name or the expression is none.</exception>
    public static IQueuePolicy RewriteHeaders(IEnumerable<string> names, string pattern, string replacement, bool ignoreCase = false) =>
        new Policies.RewriteHeaders(names, pattern, replacement, ignoreCase);
}
