namespace SlimtaFast.Fuzz;

/// <summary>
/// Something that must stand any input. A target is stateless between inputs, deterministic, and quick: 10,000 inputs a second. Any
/// exception that escapes is a finding; what must hold of an input is checked with <see cref="FuzzAssert"/>.
/// </summary>
public interface IFuzzTarget
{
    /// <summary>Its name on the command line, and of its folder in corpora/ and its file in dictionaries/.</summary>
    string Name { get; }

    /// <summary>Takes one input.</summary>
    void Run(ReadOnlySpan<byte> input);
}
