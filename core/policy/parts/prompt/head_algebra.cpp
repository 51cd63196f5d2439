// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/policy/parts/prompt/head_algebra.h"

#include "core/base/parallel.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include <limits>

namespace winnow {

namespace {

using Columns = Eigen::Map<const Eigen::MatrixXd>; ///< [d, n]: a head's rows, one after the other in memory

/// Calls work(rows, result) for every head. `width`: numbers of a head's result.
template <class Work>
at::Tensor ofEveryHead(const at::Tensor& rows, std::int64_t width, const Work& work)
{
    const at::Tensor host = rows.to(at::kCPU, at::kDouble).contiguous();
    const auto heads = host.size(0), n = host.size(1), d = host.size(2);
    at::Tensor results = at::empty({heads, width}, at::kDouble);
    const double* from = host.data_ptr<double>();
    double* to = results.data_ptr<double>();
    parallelFor(static_cast<std::size_t>(heads), [&](std::size_t head) {
        const auto at = static_cast<std::int64_t>(head);
        work(Columns(from + at * n * d, d, n), to + at * width);
    });
    return results.to(rows.device());
}

/// XᵀX + ridge · I; only its lower half is filled.
Eigen::MatrixXd products(const Columns& rows, double ridge)
{
    Eigen::MatrixXd sum = ridge * Eigen::MatrixXd::Identity(rows.rows(), rows.rows());
    sum.selfadjointView<Eigen::Lower>().rankUpdate(rows);
    return sum;
}

} // namespace

at::Tensor leverageOf(const at::Tensor& rows, double ridge)
{
    return ofEveryHead(rows, rows.size(1), [ridge](const Columns& of, double* leverage) {
        Eigen::Map<Eigen::RowVectorXd> result(leverage, of.cols());
        const Eigen::LLT<Eigen::MatrixXd> root(products(of, ridge));
        if (root.info() != Eigen::Success) {
            result.setConstant(std::numeric_limits<double>::quiet_NaN());
            return;
        }
        Eigen::MatrixXd solved = of;
        root.matrixL().solveInPlace(solved);
        result = solved.colwise().squaredNorm();
    });
}

at::Tensor mainDirections(const at::Tensor& rows)
{
    return ofEveryHead(rows, rows.size(2), [](const Columns& of, double* direction) {
        const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(products(of, 0)); // eigenvalues ascend
        Eigen::Map<Eigen::VectorXd>(direction, of.rows()) = solver.eigenvectors().rightCols<1>();
    });
}

} // namespace winnow
