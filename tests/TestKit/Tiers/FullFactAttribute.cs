using Xunit;

namespace SlimtaFast.TestKit.Tiers;

/// <summary>A test that needs real programs or root: it runs in the full and long tiers, and only where the machine has what it names.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FullFactAttribute : FactAttribute
{
    /// <summary>Programs that have to be on the path, or absolute paths that have to exist.</summary>
    public FullFactAttribute(params string[] programs)
    {
        if (CurrentTier.Value == TestTier.Quick)
        {
            Skip = "runs with SLIMTAFAST_TIER=full";
            return;
        }

        foreach (string program in programs)
        {
            if (!Exists(program))
            {
                Skip = $"this machine has no {program}";
                return;
            }
        }
    }

    private static bool Exists(string program) =>
        Path.IsPathRooted(program)
            ? Path.Exists(program)
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, program)));
}
