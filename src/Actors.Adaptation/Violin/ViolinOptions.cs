namespace VioActors.Actors.Adaptation.Violin;

/// <summary>Places where the printed text of Ruth (2007), chapter 6, cannot be meant as printed.</summary>
[Flags]
public enum Corrections
{
    /// <summary>All as printed.</summary>
    None = 0,

    /// <summary>Equation 6.3: the slope is (beta - alpha) / (1 - 1/alpha), not / (1 - alpha).</summary>
    Slope = 1,

    /// <summary>Equations 6.2-6.4: usage is a part of what was given, and the result a factor on it.</summary>
    Units = 2,

    /// <summary>Equation 6.7: the sum goes over domains by capacity, so that an empty domain counts too.</summary>
    Domains = 4,

    /// <summary>Algorithm 1, line 12: the loop goes on while the balance gets better, not worse.</summary>
    LoopTest = 8,

    /// <summary>Every correction.</summary>
    All = Slope | Units | Domains | LoopTest,
}

/// <summary>Parameters of the policy <c>violin-2007</c>.</summary>
public sealed record ViolinOptions
{
    /// <summary>The equations and the algorithm to the letter.</summary>
    public static readonly ViolinOptions AsPrinted = new() { Corrections = Corrections.None };

    /// <summary>What the text around them says they do.</summary>
    public static readonly ViolinOptions Corrected = new();

    /// <summary>Which errata are corrected.</summary>
    public Corrections Corrections { get; init; } = Corrections.All;

    /// <summary>Factor on predicted usage; 1/alpha is the wanted utilization. More than 1; example: 4/3.</summary>
    public double Alpha { get; init; } = 1 / 0.75;

    /// <summary>Wish of a node that uses all it was given, as a factor on that. At least alpha; example: 2.</summary>
    public double Beta { get; init; } = 2;

    /// <summary>Measurements that the prediction looks at (n of equation 6.1); the text gives none.</summary>
    public int Window { get; init; } = 5;

    /// <summary>
    /// Whether a wish ends at the node's virtual CPUs. The text has no such limit, and a node that has a whole host to
    /// itself then wishes for two.
    /// </summary>
    public bool CapAtVcpus { get; init; }

    /// <summary>Service lost by moving an environment's nodes, in seconds; Ruth (2007) measured 17 to 25.</summary>
    public double MoveCostSeconds { get; init; } = 20;

    internal bool Fixed(Corrections one) => (Corrections & one) == one;
}
