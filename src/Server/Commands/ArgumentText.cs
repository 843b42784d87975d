using System.CommandLine.Parsing;
using System.Globalization;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Commands;

/// <summary>Parsers of option values whose mistakes are worded for the person who typed them.</summary>
internal static class ArgumentText
{
    /// <summary>Reads with a parser that throws <see cref="FormatException"/>.</summary>
    public static Func<ArgumentResult, T?> With<T>(Func<string, T> parse) => result =>
    {
        try
        {
            return parse(result.Tokens[0].Value);
        }
        catch (FormatException wrong)
        {
            result.AddError($"{Name(result)}: {wrong.Message}");
            return default;
        }
    };

    /// <summary>A duration with its unit.</summary>
    public static TimeSpan? Duration(string text) =>
        UnitText.TryParseDuration(text, out TimeSpan duration) && duration > TimeSpan.Zero
            ? duration
            : throw new FormatException($"'{text}' is not a duration such as 10s or 2m");

    /// <summary>A whole number of at least one.</summary>
    public static long Count(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number > 0
            ? number
            : throw new FormatException($"'{text}' is not a whole number of at least 1");

    /// <summary>A number of octets that fits into memory.</summary>
    public static int Octets(string text) =>
        UnitText.TryParseSize(text, out long octets) && octets is > 0 and <= 1 << 30
            ? (int)octets
            : throw new FormatException($"'{text}' is not a number of octets from 1 to 1G");

    /// <summary>A positive number.</summary>
    public static double? Rate(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double rate) && rate > 0
            ? rate
            : throw new FormatException($"'{text}' is not a number of messages a second");

    private static string Name(ArgumentResult result) => result.Parent is OptionResult option ? option.Option.Name : result.Argument.Name;
}
