using SlimtaFast.Relay.Pipe;

namespace SlimtaFast.Relay;

/// <summary>
/// The command line of a program that takes mail: its path or name, and arguments with macros such as <c>{sender}</c>. It is never shown
/// to a shell. Literal braces are doubled. Immutable.
/// <para>
/// Macros: <c>{sender}</c> and <c>{recipient}</c> (addresses as written, without angle brackets; the null sender is empty), each also with
/// <c>.local</c> and <c>.domain</c>; <c>{queue-id}</c> or <c>{message-id}</c> (32 hex digits that we made, so a safe file name, never the
/// Message-ID that the sender wrote); <c>{size}</c> (octets as received); and of the client <c>{client.address}</c>,
/// <c>{client.host}</c>, <c>{client.hello}</c>, <c>{client.protocol}</c>, <c>{client.user}</c>, <c>{client.tls}</c>, and <c>{server}</c>, the
/// name by which it was greeted: empty where unknown.
/// </para>
/// </summary>
public sealed class PipeCommand
{
    private PipeCommand(string[] words)
    {
        if (words.Length == 0 || words[0].Length == 0)
            throw new FormatException("no command is given; write a program and its arguments, such as /usr/bin/program -f {sender} {recipient}");
        Words = words;
        Arguments = [.. words.Select(ArgumentTemplate.Parse)];
        if (Arguments[0].HasMacros)
            throw new FormatException($"'{words[0]}': the program cannot be chosen by a macro, for then a sender could choose it");
        Program = Arguments[0].Literal;
        if (Program.Contains('/', StringComparison.Ordinal) && Program[0] != '/')
            throw new FormatException($"'{Program}' is neither a bare name, which is searched in PATH, nor an absolute path");
        NamesRecipient = Array.Exists(Arguments, static argument => argument.NamesRecipient);
    }

    /// <summary>The program: an absolute path, or a name that is searched in the PATH of the program's environment.</summary>
    public string Program { get; }

    /// <summary>The program and its arguments, with macros, as they were given.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>True where an argument depends on the recipient.</summary>
    public bool NamesRecipient { get; }

    internal ArgumentTemplate[] Arguments { get; }

    /// <summary>How many words at the beginning may become what looks like an option, since the program takes them for values of options.</summary>
    internal int ValueWords { get; private init; }

    /// <summary>
    /// Splits a text at blanks into words and reads the macros in them. A word with blanks stands in single or double quotes; a backslash,
    /// except in single quotes, keeps the next character as it is.
    /// </summary>
    /// <exception cref="FormatException">It is no command; the message says what to write instead.</exception>
    public static PipeCommand Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new PipeCommand(CommandText.Split(text));
    }

    /// <summary>Reads the macros in words that are separated already.</summary>
    /// <exception cref="FormatException">They are no command; the message says what to write instead.</exception>
    public static PipeCommand FromWords(IEnumerable<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        string[] all = [.. words];
        foreach (string word in all)
            CommandText.RefuseControls(word);
        return new PipeCommand(all);
    }

    // The arguments of a program that we know.
    internal static PipeCommand ForKnown(string[] words, IReadOnlyList<string> extra)
    {
        foreach (string word in extra.Prepend(words[0]))
            CommandText.RefuseControls(word);
        return new PipeCommand([.. words, .. extra]) { ValueWords = words.Length };
    }

    /// <summary>The command as <see cref="Parse"/> reads it, quoted where it has to be.</summary>
    public override string ToString() => CommandText.Join(Words);
}
