using System.Text;
using SlimtaFast.Mail;

namespace SlimtaFast.Relay.Pipe;

/// <summary>
/// One argument of a command with the macros in it:
/// <code>
/// argument = *( char / "{{" / "}}" / "{" name "}" )
/// </code>
/// Values come from strangers, so a value is refused, or made harmless where it is no address, that would turn the argument into an option
/// (a hyphen at its beginning) or lead out of a folder (a slash, or dots alone, behind a slash of the template). Immutable.
/// </summary>
internal sealed class ArgumentTemplate
{
    private readonly ArgumentPart[] _parts;

    private ArgumentTemplate(ArgumentPart[] parts)
    {
        _parts = parts;
        NamesRecipient = Array.Exists(parts, static part => MacroNames.NamesRecipient(part.Macro));
        HasMacros = Array.Exists(parts, static part => part.Macro != PipeMacro.None);
    }

    /// <summary>True where the argument is another one for each recipient.</summary>
    public bool NamesRecipient { get; }

    /// <summary>True where it is not the same for all messages.</summary>
    public bool HasMacros { get; }

    /// <summary>True where a value comes first.</summary>
    public bool StartsWithMacro => _parts.Length > 0 && _parts[0].Macro != PipeMacro.None;

    /// <summary>The literal text of an argument without macros.</summary>
    public string Literal => _parts.Length == 0 ? "" : _parts[0].Literal;

    /// <summary>Reads an argument, or throws a <see cref="FormatException"/> that says what is wrong.</summary>
    public static ArgumentTemplate Parse(string text)
    {
        var parts = new List<ArgumentPart>();
        var literal = new StringBuilder();
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            bool isDoubled = i + 1 < text.Length && text[i + 1] == c;
            if (c is '{' or '}' && isDoubled)
            {
                literal.Append(c);
                i++;
                continue;
            }

            if (c == '}')
                throw new FormatException($"'{text}': a closing brace without an opening one; double it to mean one");
            if (c != '{')
            {
                literal.Append(c);
                continue;
            }

            int end = text.IndexOf('}', i);
            if (end < 0)
                throw new FormatException($"'{text}': an opening brace without a closing one; double it to mean one");
            if (literal.Length > 0)
                parts.Add(new ArgumentPart(literal.ToString(), PipeMacro.None));
            literal.Clear();
            parts.Add(new ArgumentPart("", MacroNames.Find(text[(i + 1)..end])));
            i = end;
        }

        if (literal.Length > 0)
            parts.Add(new ArgumentPart(literal.ToString(), PipeMacro.None));
        return new ArgumentTemplate([.. parts]);
    }

    /// <summary>
    /// Adds the argument with its values; false where an address would make it something else than it is meant to be, and the block is then
    /// of no use.
    /// </summary>
    /// <param name="block">Where it is added.</param>
    /// <param name="envelope">The message.</param>
    /// <param name="recipient">The recipient.</param>
    /// <param name="allowHyphen">Whether an address may begin it with a hyphen.</param>
    public bool TryExpand(ArgumentBlock block, Envelope envelope, Recipient recipient, bool allowHyphen)
    {
        block.Begin();
        for (int i = 0; i < _parts.Length; i++)
        {
            ArgumentPart part = _parts[i];
            if (part.Macro == PipeMacro.None)
            {
                block.Append(part.Literal);
                continue;
            }

            ReadOnlySpan<char> value = MacroValue.Get(part.Macro, envelope, recipient);
            // Values before it may be empty, so it counts what stands there by now.
            bool isFolder = block.EndsWithSlash;
            bool isOption = block.IsEmptySoFar && !value.IsEmpty && value[0] == '-';
            if (!MacroNames.IsAddress(part.Macro))
                block.AppendHarmless(value, isOption, isFolder);
            else if ((isOption && !allowHyphen) || (isFolder && LeadsAway(value)))
                return false;
            else
                block.Append(value);
        }

        block.End();
        return true;
    }

    // The template's own folder, its parent, or another one below.
    private static bool LeadsAway(ReadOnlySpan<char> value) => value is "" or "." or ".." || value.Contains('/');
}
