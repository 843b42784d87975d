using System.Globalization;
using System.Text;

namespace SlimtaFast.Fuzz;

/// <summary>
/// Reads a dictionary in AFL's form: lines of <c>name="value"</c>, where a value may hold <c>\xNN</c>, <c>\\</c> and <c>\"</c>; lines
/// that start with <c>#</c> are comments.
/// </summary>
public static class FuzzDictionary
{
    /// <summary>The values of a file; throws <see cref="FormatException"/> for a line that is none.</summary>
    public static IReadOnlyList<byte[]> Read(string file)
    {
        var values = new List<byte[]>();
        foreach (string line in File.ReadLines(file).Select(static line => line.Trim()).Where(static line => line.Length > 0 && line[0] != '#'))
        {
            int start = line.IndexOf('"', StringComparison.Ordinal);
            if (start < 0 || line[^1] != '"' || start == line.Length - 1)
                throw new FormatException($"Not a dictionary line in {file}: {line}");
            values.Add(Unescape(line[(start + 1)..^1]));
        }

        return values;
    }

    private static byte[] Unescape(string text)
    {
        var value = new List<byte>();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                value.AddRange(Encoding.UTF8.GetBytes(text[i..(i + 1)]));
            }
            else if (i + 3 < text.Length && text[i + 1] == 'x')
            {
                value.Add(byte.Parse(text.AsSpan(i + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 3;
            }
            else if (i + 1 < text.Length && text[i + 1] is '\\' or '"')
            {
                value.Add((byte)text[++i]);
            }
            else
            {
                throw new FormatException($"Not an escape: {text[i..]}");
            }
        }

        return [.. value];
    }
}
