using System.Text;

namespace SlimtaFast.Relay.Pipe;

/// <summary>
/// Splits a command line into words, as a shell would without expanding anything:
/// <code>
/// line = *blank [ word *( 1*blank word ) ] *blank
/// word = 1*( plain / "\" any / "'" *any "'" / DQUOTE *( any / "\" any ) DQUOTE )
/// </code>
/// </summary>
internal static class CommandText
{
    /// <summary>The words, or a <see cref="FormatException"/> that says what is wrong.</summary>
    public static string[] Split(string text)
    {
        RefuseControls(text);
        var words = new List<string>();
        var word = new StringBuilder();
        bool begun = false;
        char quote = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\' && quote != '\'')
            {
                if (++i == text.Length)
                    throw new FormatException($"'{text}' ends with a backslash; double it to mean one");
                word.Append(text[i]);
                begun = true;
            }
            else if (quote != '\0')
            {
                if (c == quote)
                    quote = '\0';
                else
                    word.Append(c);
            }
            else if (c is '\'' or '"')
            {
                quote = c;
                begun = true;
            }
            else if (IsBlank(c))
            {
                if (begun)
                    words.Add(word.ToString());
                word.Clear();
                begun = false;
            }
            else
            {
                word.Append(c);
                begun = true;
            }
        }

        if (quote != '\0')
            throw new FormatException($"'{text}': a quote ({quote}) is not closed");
        if (begun)
            words.Add(word.ToString());
        return [.. words];
    }

    /// <summary>The words as one line that <see cref="Split"/> takes apart again.</summary>
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    /// <summary>Throws a <see cref="FormatException"/> where a text holds control characters, which no argument can need but tabs.</summary>
    public static void RefuseControls(string text)
    {
        foreach (char c in text)
        {
            if (char.IsControl(c) && c != '\t')
                throw new FormatException("a command holds no control characters, line ends included");
        }
    }

    private static bool IsBlank(char c) => c is ' ' or '\t';

    private static string Quote(string word)
    {
        if (word.Length > 0 && !word.Any(static c => IsBlank(c) || c is '\'' or '"' or '\\'))
            return word;
        return '\'' + word.Replace("'", @"'\''", StringComparison.Ordinal) + '\'';
    }
}
