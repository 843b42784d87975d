using System.Diagnostics.CodeAnalysis;

namespace SlimtaFast.Fuzz;

/// <summary>What a target says where something does not hold that must hold for every input.</summary>
public static class FuzzAssert
{
    /// <summary>Throws <see cref="FuzzFindingException"/> unless the condition holds.</summary>
    public static void That([DoesNotReturnIf(false)] bool condition, string message)
    {
        if (!condition)
            throw new FuzzFindingException(message);
    }
}
