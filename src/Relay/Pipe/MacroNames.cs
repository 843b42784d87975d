using System.Collections.Frozen;

namespace SlimtaFast.Relay.Pipe;

/// <summary>The names of the macros, as they stand between braces.</summary>
internal static class MacroNames
{
    private static readonly FrozenDictionary<string, PipeMacro> Known = new Dictionary<string, PipeMacro>
    {
        ["sender"] = PipeMacro.Sender,
        ["sender.local"] = PipeMacro.SenderLocal,
        ["sender.domain"] = PipeMacro.SenderDomain,
        ["recipient"] = PipeMacro.Recipient,
        ["recipient.local"] = PipeMacro.RecipientLocal,
        ["recipient.domain"] = PipeMacro.RecipientDomain,
        ["queue-id"] = PipeMacro.QueueId,
        ["message-id"] = PipeMacro.QueueId,
        ["size"] = PipeMacro.Size,
        ["client.address"] = PipeMacro.ClientAddress,
        ["client.host"] = PipeMacro.ClientHost,
        ["client.hello"] = PipeMacro.ClientHello,
        ["client.protocol"] = PipeMacro.ClientProtocol,
        ["client.user"] = PipeMacro.ClientUser,
        ["client.tls"] = PipeMacro.ClientTls,
        ["server"] = PipeMacro.Server,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>All names, for people.</summary>
    public static string All { get; } = string.Join(", ", Known.Keys.Order(StringComparer.Ordinal).Select(static name => $"{{{name}}}"));

    /// <summary>The macro of that name, or a <see cref="FormatException"/> that lists the known ones.</summary>
    public static PipeMacro Find(string name) =>
        Known.TryGetValue(name, out PipeMacro macro)
            ? macro
            : throw new FormatException($"there is no macro {{{name}}}; use {All}, or double a brace to mean one");

    /// <summary>True where the value is another one for each recipient.</summary>
    public static bool NamesRecipient(PipeMacro macro) => macro is PipeMacro.Recipient or PipeMacro.RecipientLocal or PipeMacro.RecipientDomain;

    /// <summary>True where the value is (part of) an address, which must not be changed to make it harmless.</summary>
    public static bool IsAddress(PipeMacro macro) => macro is >= PipeMacro.Sender and <= PipeMacro.RecipientDomain;
}
