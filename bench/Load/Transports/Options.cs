namespace SlimtaFast.Load.Transports;

/// <summary>Reads "--name value" pairs.</summary>
internal static class Options
{
    public static string Get(string[] arguments, string name, string otherwise)
    {
        int at = Array.IndexOf(arguments, "--" + name);
        return at >= 0 && at + 1 < arguments.Length ? arguments[at + 1] : otherwise;
    }

    public static int GetNumber(string[] arguments, string name, int otherwise) =>
        int.Parse(Get(arguments, name, otherwise.ToString(System.Globalization.CultureInfo.InvariantCulture)), System.Globalization.CultureInfo.InvariantCulture);
}
