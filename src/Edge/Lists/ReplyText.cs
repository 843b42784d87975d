using System.Globalization;
using SlimtaFast.Mail;

namespace SlimtaFast.Edge.Lists;

/// <summary>Reads replies as lists and configurations have them: <c>450 4.2.1 Text</c>, or <c>550 Text</c>.</summary>
internal static class ReplyText
{
    /// <summary>Reads one; the status is <c>X.7.1</c> where none is given. False where it does not begin with a code from 200 to 599.</summary>
    public static bool TryParse(string text, out int code, out EnhancedStatus status, out string words)
    {
        status = default;
        words = "";
        string[] parts = text.Split(' ', 3);
        if (parts[0].Length != 3 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out code) || code is < 200 or > 599)
        {
            code = 0;
            return false;
        }

        if (parts.Length > 1 && EnhancedStatus.TryParse(parts[1], out EnhancedStatus given, out _))
        {
            status = given;
            words = parts.Length > 2 ? parts[2] : "";
        }
        else
        {
            // RFC 2034 section 4: the class of both codes is the same.
            status = new EnhancedStatus((byte)(code / 100), 7, 1);
            words = text[3..].Trim();
        }

        return true;
    }
}
