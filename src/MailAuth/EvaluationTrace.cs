using System.Text;

namespace SlimtaFast.MailAuth;

/// <summary>
/// What an evaluation did, step by step, for people. Whatever strangers published is made printable before it is kept, and both steps and
/// their texts are bounded. Not thread-safe.
/// </summary>
public sealed class EvaluationTrace
{
    /// <summary>Steps that are kept; those behind them are counted only.</summary>
    public const int MostSteps = 500;

    private const int LongestText = 500;

    private readonly List<TraceStep> _steps = [];
    private int _depth;
    private int _left;

    /// <summary>The steps in the order in which they were made.</summary>
    public IReadOnlyList<TraceStep> Steps => _steps;

    /// <summary>Notes a step.</summary>
    public void Add(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (_steps.Count < MostSteps)
            _steps.Add(new TraceStep(_depth, PrintableText.Make(text, LongestText)));
        else
            _left++;
    }

    /// <summary>Notes a step that consists of those up to <see cref="Leave"/>.</summary>
    public void Enter(string text)
    {
        Add(text);
        _depth++;
    }

    /// <summary>Ends the step that was entered last.</summary>
    public void Leave()
    {
        if (_depth == 0)
            throw new InvalidOperationException("No step was entered.");
        _depth--;
    }

    /// <summary>The steps as a tree, one line each, without a line end behind the last.</summary>
    public override string ToString()
    {
        var tree = new StringBuilder();
        for (int i = 0; i < _steps.Count; i++)
        {
            (int depth, string text) = _steps[i];
            if (i > 0)
                tree.Append('\n');
            for (int level = 1; level < depth; level++)
                tree.Append(GoesOn(i, level) ? "|  " : "   ");
            if (depth > 0)
                tree.Append(GoesOn(i, depth) ? "|- " : "`- ");
            tree.Append(text);
        }

        if (_left > 0)
            tree.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n... and {_left} more steps");
        return tree.ToString();
    }

    // True where another step of that depth follows under the same parent.
    private bool GoesOn(int index, int depth)
    {
        for (int i = index + 1; i < _steps.Count && _steps[i].Depth >= depth; i++)
        {
            if (_steps[i].Depth == depth)
                return true;
        }

        return false;
    }
}
