using VioActors.Actors.Adaptation.Model;

namespace VioActors.Actors.Adaptation.Violin;

/// <summary>Equations 6.2-6.4 of Ruth (2007): how much of a resource a node should have.</summary>
public static class DesiredLevel
{
    /// <summary>Equation 6.4.</summary>
    /// <param name="predicted">Predicted usage PU, a part of what was given (0 to 1).</param>
    /// <param name="options">Alpha, beta and which slope.</param>
    public static double Of(double predicted, ViolinOptions options)
    {
        var (alpha, beta) = (options.Alpha, options.Beta);
        if (predicted < 1 / alpha) return predicted * alpha;
        var run = options.Fixed(Corrections.Slope) ? 1 - 1 / alpha : 1 - alpha;
        return predicted * ((beta - alpha) / run * (predicted - 1) + beta);
    }

    /// <summary>
    /// The wish of a node in cores. With <see cref="Corrections.Units"/> the equations get a part of what was given
    /// and their result is a factor on it; as printed they get and give amounts.
    /// </summary>
    public static (double Predicted, double WishCores) Of(NodeInventory node, ViolinOptions options)
    {
        var predictor = new Prediction.WeightedMovingAverage(options.Window);
        // A node nobody has seen yet is expected to use what it was given: it was started to work.
        var seen = node.Samples.Newest.Length > 0;
        double predicted, wish;
        if (options.Fixed(Corrections.Units))
        {
            predicted = seen ? predictor.Predict(node.Samples.Utilizations()) : 1 / options.Alpha;
            wish = Of(predicted, options) * node.CpuCores;
        }
        else
        {
            predicted = seen ? predictor.Predict(node.Samples.CoresUsed()) : node.CpuCores;
            wish = seen ? Of(predicted, options) : node.CpuCores;
        }

        // As printed the equation turns negative for amounts far above one core; nobody can be given less than nothing.
        wish = Math.Max(0, wish);
        return (predicted, options.CapAtVcpus ? Math.Min(wish, node.Vcpus) : wish);
    }
}
