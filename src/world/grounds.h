#pragma once
// Backgrounds: each function fills a canvas.

#include "mkt/core/random.h"

namespace cv {
class Mat;
}

namespace mkt::demo::grounds {

void grass(cv::Mat& canvas, KeyedRandom& random);
void sand(cv::Mat& canvas, KeyedRandom& random);
void night(cv::Mat& canvas, KeyedRandom& random);
void sky(cv::Mat& canvas, KeyedRandom& random);
void brick(cv::Mat& canvas, KeyedRandom& random);
void snow(cv::Mat& canvas, KeyedRandom& random);

void sea(cv::Mat& canvas, KeyedRandom& random);
void wood(cv::Mat& canvas, KeyedRandom& random);
void marble(cv::Mat& canvas, KeyedRandom& random);
void forest(cv::Mat& canvas, KeyedRandom& random);
void city(cv::Mat& canvas, KeyedRandom& random);
void lava(cv::Mat& canvas, KeyedRandom& random);

void paper(cv::Mat& canvas, KeyedRandom& random);
void cloth(cv::Mat& canvas, KeyedRandom& random);
void slate(cv::Mat& canvas, KeyedRandom& random);

}  // namespace mkt::demo::grounds
