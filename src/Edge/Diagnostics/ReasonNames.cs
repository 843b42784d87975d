using System.Text;

namespace SlimtaFast.Edge.Diagnostics;

/// <summary>The names of an enumeration's values as metric tags have them: <c>too_many_errors</c>. Thread-safe.</summary>
/// <typeparam name="T">The enumeration; its values count up from zero.</typeparam>
internal static class ReasonNames<T>
    where T : struct, Enum
{
    private static readonly string[] Names = [.. Enum.GetNames<T>().Select(ToSnakeCase)];

    /// <summary>The name of a value.</summary>
    public static string Get(T value) => Names[Convert.ToInt32(value, null)];

    private static string ToSnakeCase(string name)
    {
        var made = new StringBuilder(name.Length + 8);
        foreach (char letter in name)
        {
            if (char.IsUpper(letter) && made.Length > 0)
                made.Append('_');
            made.Append(char.ToLowerInvariant(letter));
        }

        return made.ToString();
    }
}
